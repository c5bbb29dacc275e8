"""Symmetric pruning: a compiler that removes from an ansatz what the Hamiltonian does not need.

After Wang et al., arXiv:2208.14057 (ICLR 2023). The steps of their Algorithm 1 are known from
summaries only; `trainscape.pruning.compiler` says which choices are reconstructed.
"""
