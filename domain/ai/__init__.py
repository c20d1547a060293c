"""What every AI function shares: prompts with declared variables, checked answers, attempts as rows."""
