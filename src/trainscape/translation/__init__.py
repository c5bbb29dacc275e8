"""The translation task of k-hypergraph recurrent networks (arXiv:2402.08606), and its models."""
