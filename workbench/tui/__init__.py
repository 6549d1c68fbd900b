"""The screens: they show what the rooms below computed and pass on what a person asks for."""
