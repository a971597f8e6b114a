/* The lock of a card, see card_lock.h.
 * SPDX-License-Identifier: ISC */
#include "card_lock.h"
#include "why.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int file_of(const char *serial, char *path, size_t cap)
{
    char name[40];
    size_t n = 0;
    for (; serial[n] && n < sizeof(name) - 1; n++) /* a serial number is what a device says: no path may come of it */
        name[n] = isalnum((unsigned char)serial[n]) ? serial[n] : '_';
    name[n] = '\0';
    const char *folder = getenv("XDG_RUNTIME_DIR");
    if (!folder || !*folder)
        folder = "/run/lock";
    return (size_t)snprintf(path, cap, "%s/nave-%s.lock", folder, n ? name : "card") < cap ? 0 : -1;
}

static int busy(const nave_activity *a, const char *serial, nave_text *why)
{
    if (!a->pid)
        return nave_fail(why, NAVE_E_BUSY, "card %s is busy: another program is opening it; try again", serial);
    return nave_fail(why, NAVE_E_BUSY,
                     "card %s is busy, held by %u (%.27s): end that program, or open with wait=SECONDS", serial, a->pid,
                     a->program);
}

/* A lock of this open file, not of the process: two devices of one program exclude each other as well. Asking with
 * F_OFD_GETLK takes nothing, so that a look never makes a card seem busy. *type: in, F_RDLCK or F_WRLCK; out, what
 * stands in the way, or F_UNLCK. */
static int file_lock(int fd, int command, short *type)
{
    struct flock lock = {.l_type = *type, .l_whence = SEEK_SET};
    const int err = fcntl(fd, command, &lock);
    *type = lock.l_type;
    return err;
}

static void read_page(int fd, nave_activity *out)
{
    memset(out, 0, sizeof(*out));
    if (pread(fd, out, sizeof(*out), 0) != (ssize_t)sizeof(*out))
        memset(out, 0, sizeof(*out));
    out->program[sizeof(out->program) - 1] = '\0';
}

int nave_card_lock_take(nave_card_lock *lock, const char *serial, nave_text *why)
{
    char path[512];
    if (file_of(serial, path, sizeof(path)))
        return nave_fail(why, NAVE_E_ARG, "XDG_RUNTIME_DIR is too long a path: set a shorter one");
    /* first without O_CREAT: the kernel may refuse to create another user's file in a shared folder */
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return nave_fail(why, NAVE_E_IO, "the lock '%s' can't be opened (%s): set XDG_RUNTIME_DIR to a folder of yours",
                         path, strerror(errno));
    short type = F_WRLCK;
    if (file_lock(fd, F_OFD_SETLK, &type)) {
        nave_activity holder;
        read_page(fd, &holder);
        close(fd);
        return busy(&holder, serial, why);
    }
    void *page = MAP_FAILED;
    if (ftruncate(fd, 0) == 0 && ftruncate(fd, sizeof(nave_activity)) == 0)
        page = mmap(NULL, sizeof(nave_activity), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        const int err = nave_fail(why, NAVE_E_IO, "the lock '%s' can't be written (%s): make room in that folder", path,
                                  strerror(errno));
        close(fd);
        return err;
    }
    lock->fd = fd;
    lock->activity = page;
    memccpy(lock->activity->program, program_invocation_short_name, '\0', sizeof(lock->activity->program) - 1);
    __atomic_store_n(&lock->activity->pid, (uint32_t)getpid(), __ATOMIC_RELEASE);
    return NAVE_OK;
}

void nave_card_lock_release(nave_card_lock *lock)
{
    if (!lock->activity)
        return;
    __atomic_store_n(&lock->activity->pid, 0, __ATOMIC_RELEASE);
    munmap(lock->activity, sizeof(*lock->activity));
    close(lock->fd); /* and with it goes the lock */
    lock->activity = NULL;
}

void nave_card_lock_look(const char *serial, nave_activity *out)
{
    char path[512];
    memset(out, 0, sizeof(*out));
    const int fd = file_of(serial, path, sizeof(path)) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    short type = F_RDLCK;
    if (file_lock(fd, F_OFD_GETLK, &type) == 0 && type != F_UNLCK)
        read_page(fd, out);
    close(fd);
}
