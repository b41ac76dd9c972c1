"""BPMN 2.0 out and in: any flow to valid XML with its diagram, and the subset that both have back."""
