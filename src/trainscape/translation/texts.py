"""Three short English texts that are in the public domain, as specimens of natural data.

`GENESIS` is the first chapter of the Bible in the translation of 1611, `ADDRESS` the speech of
Abraham Lincoln at Gettysburg (1863), and `rhyme` the nursery rhyme of the house that Jack built,
known since 1755, in which each verse repeats all that came before.
"""

from __future__ import annotations

__all__ = ["ADDRESS", "GENESIS", "rhyme"]

ADDRESS = """
Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived
in Liberty, and dedicated to the proposition that all men are created equal. Now we are engaged in a
great civil war, testing whether that nation, or any nation so conceived and so dedicated, can long
endure. We are met on a great battle-field of that war. We have come to dedicate a portion of that
field, as a final resting place for those who here gave their lives that that nation might live. It
is altogether fitting and proper that we should do this. But, in a larger sense, we can not dedicate
- we can not consecrate - we can not hallow - this ground. The brave men, living and dead, who
struggled here, have consecrated it, far above our poor power to add or detract. The world will
little note, nor long remember what we say here, but it can never forget what they did here. It is
for us the living, rather, to be dedicated here to the unfinished work which they who fought here
have thus far so nobly advanced. It is rather for us to be here dedicated to the great task
remaining before us - that from these honored dead we take increased devotion to that cause for
which they gave the last full measure of devotion - that we here highly resolve that these dead
shall not have died in vain - that this nation, under God, shall have a new birth of freedom - and
that government of the people, by the people, for the people, shall not perish from the earth.
"""

GENESIS = """
In the beginning God created the heaven and the earth. And the earth was without form, and void; and
darkness was upon the face of the deep. And the Spirit of God moved upon the face of the waters. And
God said, Let there be light: and there was light. And God saw the light, that it was good: and God
divided the light from the darkness. And God called the light Day, and the darkness he called Night.
And the evening and the morning were the first day. And God said, Let there be a firmament in the
midst of the waters, and let it divide the waters from the waters. And God made the firmament, and
divided the waters which were under the firmament from the waters which were above the firmament:
and it was so. And God called the firmament Heaven. And the evening and the morning were the second
day. And God said, Let the waters under the heaven be gathered together unto one place, and let the
dry land appear: and it was so. And God called the dry land Earth; and the gathering together of the
waters called he Seas: and God saw that it was good. And God said, Let the earth bring forth grass,
the herb yielding seed, and the fruit tree yielding fruit after his kind, whose seed is in itself,
upon the earth: and it was so. And the earth brought forth grass, and herb yielding seed after his
kind, and the tree yielding fruit, whose seed was in itself, after his kind: and God saw that it was
good. And the evening and the morning were the third day. And God said, Let there be lights in the
firmament of the heaven to divide the day from the night; and let them be for signs, and for
seasons, and for days, and years: And let them be for lights in the firmament of the heaven to give
light upon the earth: and it was so. And God made two great lights; the greater light to rule the
day, and the lesser light to rule the night: he made the stars also. And God set them in the
firmament of the heaven to give light upon the earth, And to rule over the day and over the night,
and to divide the light from the darkness: and God saw that it was good. And the evening and the
morning were the fourth day. And God said, Let the waters bring forth abundantly the moving creature
that hath life, and fowl that may fly above the earth in the open firmament of heaven. And God
created great whales, and every living creature that moveth, which the waters brought forth
abundantly, after their kind, and every winged fowl after his kind: and God saw that it was good.
And God blessed them, saying, Be fruitful, and multiply, and fill the waters in the seas, and let
fowl multiply in the earth. And the evening and the morning were the fifth day. And God said, Let
the earth bring forth the living creature after his kind, cattle, and creeping thing, and beast of
the earth after his kind: and it was so. And God made the beast of the earth after his kind, and
cattle after their kind, and every thing that creepeth upon the earth after his kind: and God saw
that it was good. And God said, Let us make man in our image, after our likeness: and let them have
dominion over the fish of the sea, and over the fowl of the air, and over the cattle, and over all
the earth, and over every creeping thing that creepeth upon the earth. So God created man in his own
image, in the image of God created he him; male and female created he them. And God blessed them,
and God said unto them, Be fruitful, and multiply, and replenish the earth, and subdue it: and have
dominion over the fish of the sea, and over the fowl of the air, and over every living thing that
moveth upon the earth. And God said, Behold, I have given you every herb bearing seed, which is upon
the face of all the earth, and every tree, in the which is the fruit of a tree yielding seed; to you
it shall be for meat. And to every beast of the earth, and to every fowl of the air, and to every
thing that creepeth upon the earth, wherein there is life, I have given every green herb for meat:
and it was so. And God saw every thing that he had made, and, behold, it was very good. And the
evening and the morning were the sixth day.
"""

_VERSES = (
    "the house that Jack built.",
    "the malt that lay in",
    "the rat that ate",
    "the cat that killed",
    "the dog that worried",
    "the cow with the crumpled horn that tossed",
    "the maiden all forlorn that milked",
    "the man all tattered and torn that kissed",
    "the priest all shaven and shorn that married",
    "the cock that crowed in the morn that waked",
    "the farmer sowing his corn that kept",
)


def rhyme() -> str:
    """Return the house that Jack built: in each verse a line more, before all of the last one."""
    verses = (" ".join(reversed(_VERSES[:number])) for number in range(1, len(_VERSES) + 1))
    return "\n".join(f"This is {verse}" for verse in verses)
