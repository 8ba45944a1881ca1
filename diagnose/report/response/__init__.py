"""What the JSON report holds, one part a file: models that read the evidence and give the JSON Schema."""
