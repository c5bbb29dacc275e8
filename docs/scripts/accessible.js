// What the theme adds to a page while it loads gets a name, and can be reached with the keyboard.
(() => {
  const name = () => {
    document.querySelectorAll(".md-code__nav:not([aria-label])").forEach(nav => {
      nav.setAttribute("aria-label", `Code ${document.querySelectorAll(".md-code__nav[aria-label]").length + 1}`);
    });
    const seen = {};
    document.querySelectorAll("nav[aria-label]").forEach(nav => {
      const label = nav.getAttribute("aria-label");
      seen[label] = (seen[label] || 0) + 1;
      if (seen[label] > 1) nav.setAttribute("aria-label", `${label}, ${seen[label]}`);
    });
    document.querySelectorAll(".md-typeset__scrollwrap, .dataframe").forEach(box => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    });
    // The switch between light and dark is a label; its hidden input takes the focus otherwise.
    document.querySelectorAll("input.md-option, input.md-toggle").forEach(input => { input.tabIndex = -1; });
    document.querySelectorAll("[data-md-component=palette] label").forEach(label => {
      if (label.tabIndex === 0) return;
      label.tabIndex = 0;
      label.addEventListener("keydown", event => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        label.click();
      });
    });
  };
  document.addEventListener("DOMContentLoaded", () => {
    name();
    let waiting = false;
    new MutationObserver(() => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; name(); });
    }).observe(document.body, { childList: true, subtree: true });
  });
})();
