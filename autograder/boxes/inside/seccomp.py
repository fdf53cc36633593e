"""A list of system calls that a submission may not make, as a filter for the kernel.

The filter is a classic BPF program, made here as bytes and handed to `prctl`; no library is needed.
It refuses what a notebook has no use for: debugging others, new namespaces and mounts, the kernel's
key ring, memory and messages that no limit counts, sockets other than local and IP ones. And what
two submissions could leave for each other in the read-only files that both see: locks, leases.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

#: AUDIT_ARCH_* of the machines whose numbers are known here, and the column of `_NUMBERS`.
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

#: Name -> number on x86_64 and on aarch64; -1: there is no such call.
_NUMBERS: dict[str, tuple[int, int]] = {
    # looking into other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272), "perf_event_open": (298, 241),
    # namespaces and mounts
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "statmount": (457, 457), "listmount": (458, 458), "open_tree_attr": (467, 467),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # the kernel's own affairs
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "syslog": (103, 116),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "sethostname": (170, 161), "setdomainname": (171, 162), "bpf": (321, 280),
    "iopl": (172, -1), "ioperm": (173, -1), "personality": (135, 92), "vhangup": (153, 58),
    "lookup_dcookie": (212, 18), "fanotify_init": (300, 262), "uselib": (134, -1),
    "modify_ldt": (154, -1), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "mknod": (133, -1),
    "mknodat": (259, 33), "move_pages": (279, 239), "migrate_pages": (256, 238),
    # who waits for a processor by choice would not be bounded by the clock
    "setpriority": (141, 140), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274), "ioprio_set": (251, 30),
    # letter boxes and memory outside of all limits
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "vmsplice": (278, 75),
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
}  # fmt: skip

#: As if the kernel had none, so that libraries do without. A lock on a file is seen by all who see
#: the file; watches, of files or of what can be read, are counted for all processes of a user
#: together, and requests to a disk for the whole machine.
_MISSING: dict[str, tuple[int, int]] = {
    "flock": (73, 32), "inotify_init": (253, -1), "inotify_init1": (294, 26),
    "epoll_create": (213, -1), "epoll_create1": (291, 20), "io_setup": (206, 0),
}  # fmt: skip

#: Without a file system of its own a process could still do these to files that it can't open, and
#: without process numbers of its own these to others.
_OUTSIDE: dict[str, tuple[int, int]] = {
    "chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, -1), "fchown": (93, 55), "lchown": (94, -1), "fchownat": (260, 54),
    "utime": (132, -1), "utimes": (235, -1), "futimesat": (261, -1), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setxattrat": (463, 463),
    "removexattrat": (466, 466), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424), "process_madvise": (440, 440),
}  # fmt: skip
_SPECIAL = {
    "socket": (41, 198), "clone": (56, 220), "clone3": (435, 435), "ioctl": (16, 29),
    "kill": (62, 129), "socketpair": (53, 199), "prlimit64": (302, 261),
    "fcntl": (72, 25), "setsockopt": (54, 208), "tgkill": (234, 131),
    "sched_setaffinity": (203, 122),
}  # fmt: skip

#: What `fcntl` may do. Left out are a look at others' locks (a lock that can be set on a read-only
#: file can't be told otherwise), leases, which keep everybody else from opening a file, notices of
#: changes, and hints that a file keeps.
_FCNTL = (
    *(0, 1030),  # F_DUPFD, F_DUPFD_CLOEXEC
    *(1, 2, 3, 4),  # F_GETFD, F_SETFD, F_GETFL, F_SETFL
    *(6, 7),  # F_SETLK, F_SETLKW
    *(8, 9, 10, 11, 15, 16),  # F_SETOWN, F_GETOWN, F_SETSIG, F_GETSIG, F_SETOWN_EX, F_GETOWN_EX
    *(1031, 1032, 1033, 1034),  # F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS
)
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_SOL_SOCKET, _BUFFER_SIZES = 1, (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF, and both by force
_NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* that `clone` knows
_TYPE_INTO_TERMINALS = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _ALLOW, _ERROR = 0x80000000, 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, (16, 24, 32)  # offsets in struct seccomp_data


def known_machine() -> bool:
    """Are this machine's system calls known here?"""
    return platform.machine() in _MACHINES


def program(alone: bool = True, machine: str | None = None, scoped: bool = False) -> bytes:
    """The filter for a machine (default: this one).

    `alone` says that namespaces hide everything outside. Without them sockets and file attributes
    are refused too, and signals to any other process unless they are `scoped` by something else.
    """
    audit, column = _MACHINES[machine or platform.machine()]
    code: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if column == 0:  # the x32 interface has numbers of its own
        code += [(_IF_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _KILL)]

    def refuse(number: int, error: int = errno.EPERM) -> None:
        if number >= 0:
            code.extend([(_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERROR | error)])

    def unless(number: int, argument: int, allowed: tuple[int, ...], error: int) -> None:
        """Refuse the call unless its argument is one of the allowed values."""
        tests = [
            (_IF_EQUAL, len(allowed) - i, 0, value & 0xFFFFFFFF) for i, value in enumerate(allowed)
        ]
        body = [(_LOAD, 0, 0, _ARGUMENT[argument]), *tests]
        body += [(_RETURN, 0, 0, _ERROR | error), (_RETURN, 0, 0, _ALLOW)]
        code.extend([(_IF_EQUAL, 0, len(body), number), *body])

    def when(number: int, argument: int, test: int, values: tuple[int, ...]) -> None:
        """Refuse the call if its argument passes the test with one of the values."""
        tests = [(test, len(values) - i, 0, value) for i, value in enumerate(values)]
        body = [(_LOAD, 0, 0, _ARGUMENT[argument]), *tests]
        body += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERROR | errno.EPERM)]
        code.extend([(_IF_EQUAL, 0, len(body), number), *body])

    special = {name: numbers[column] for name, numbers in _SPECIAL.items()}
    for numbers in (*_NUMBERS.values(), *(() if alone else _OUTSIDE.values())):
        refuse(numbers[column])
    for numbers in _MISSING.values():
        refuse(numbers[column], errno.ENOSYS)
    unless(special["fcntl"], 1, _FCNTL, errno.EINVAL)
    # How much a socket holds stays at the default: the grader counts sockets, not what is in them.
    sizes = [(_IF_EQUAL, len(_BUFFER_SIZES) - i, 0, v) for i, v in enumerate(_BUFFER_SIZES)]
    body = [(_LOAD, 0, 0, _ARGUMENT[1]), (_IF_EQUAL, 0, len(sizes) + 1, _SOL_SOCKET)]
    body += [(_LOAD, 0, 0, _ARGUMENT[2]), *sizes]
    body += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERROR)]  # "done", though nothing is
    code.extend([(_IF_EQUAL, 0, len(body), special["setsockopt"]), *body])
    refuse(special["clone3"], errno.ENOSYS)  # its flags lie in memory; libc falls back to clone
    when(special["clone"], 0, _IF_ANY_BIT, (_NEW_NAMESPACES,))
    when(special["ioctl"], 1, _IF_EQUAL, _TYPE_INTO_TERMINALS)
    if alone:
        unless(special["socket"], 0, (_AF_UNIX, _AF_INET, _AF_INET6), errno.EAFNOSUPPORT)
    else:
        refuse(special["socket"], errno.EAFNOSUPPORT)
        if not scoped:
            unless(special["kill"], 0, (os.getpid(), 0), errno.EPERM)
            unless(special["tgkill"], 0, (os.getpid(),), errno.EPERM)
        unless(special["prlimit64"], 0, (0,), errno.EPERM)
        unless(special["sched_setaffinity"], 0, (0,), errno.EPERM)
    code.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *step) for step in code)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def load(filter_: bytes) -> None:
    """Apply the filter to this thread and whatever it starts, for ever."""
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(filter_, len(filter_))
    described = _Program(len(filter_) // 8, ctypes.addressof(buffer))
    zero = ctypes.c_ulong(0)
    if libc.prctl(38, ctypes.c_ulong(1), zero, zero, zero):  # PR_SET_NO_NEW_PRIVS
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if libc.prctl(22, ctypes.c_ulong(2), ctypes.byref(described), zero, zero):  # PR_SET_SECCOMP
        raise OSError(ctypes.get_errno(), "seccomp")
