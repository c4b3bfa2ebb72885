"""Laws as expressions with free constants: canonical writing, text, proofs of their constraints."""
