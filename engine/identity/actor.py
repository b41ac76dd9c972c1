"""Who acts: a person with the positions held today, or a named part of the system."""

from dataclasses import dataclass

ROLES = ("designer", "staff", "verifier", "leader", "department", "security", "auditor", "system")


@dataclass(frozen=True, slots=True)
class Post:
    """A role held in an organisation; `path` is the organisation's place in the tree."""

    role: str
    organisation: str
    organisation_name: str
    path: str
    was: tuple[str, ...] = ()
    """Paths of what the organisation was before: its history is theirs to read."""
    held: tuple[str, ...] = ()
    """Paths that units below it had elsewhere before they came here."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person. What they may see and do follows from the posts alone."""

    id: str
    login: str
    name: str
    posts: tuple[Post, ...] = ()

    def roles(self) -> frozenset[str]:
        """All roles held, anywhere."""
        return frozenset(post.role for post in self.posts)

    def posts_as(self, role: str) -> tuple[Post, ...]:
        """The posts held in one role."""
        return tuple(post for post in self.posts if post.role == role)

    @property
    def is_system(self) -> bool:
        """Whether it is the program itself that acts (loading a pack, a timer)."""
        return self.id.startswith("system:")


def system_actor(part: str) -> Actor:
    """The named part of the program that acts when no person does, e.g. `timers`."""
    return Actor(id=f"system:{part}", login=f"system:{part}", name=part)
