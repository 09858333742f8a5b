"""What a person can say: experiments, networks and parts, in pydantic and the standard library alone."""
