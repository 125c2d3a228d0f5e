"""Fine-tunes a pretrained run on a task: classification and pairs, answers in a text, one of several choices."""
