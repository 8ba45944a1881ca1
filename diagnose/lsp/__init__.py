"""The language server (--lsp): findings, fixes and explanations at the lines of what an editor has open."""
