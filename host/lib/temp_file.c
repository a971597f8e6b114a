/* Files that appear under their name only when they are complete.
 * SPDX-License-Identifier: ISC */
#include "audio_file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP_TRIES 100

static char *temp_name(const char *final_path)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    const char *slash = strrchr(final_path, '/');
    const int folder_bytes = slash ? (int)(slash - final_path) + 1 : 0;
    const char *name = final_path + folder_bytes;
    uint8_t random[6];
    char mark[7] = {0}, *path = NULL;

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return NULL;
    for (size_t i = 0; i < sizeof random; i++)
        mark[i] = alphabet[random[i] % (sizeof alphabet - 1)];
    /* A name of 255 bytes is the longest that file systems take. */
    if (asprintf(&path, "%.*s.%.200s.nave-%s", folder_bytes, final_path, name, mark) < 0)
        return NULL;
    return path;
}

int nave_temp_create(const char *path, int overwrite, int *fd, char **temp_path, char **final_path, nave_text *why)
{
    struct stat st;
    int exists;

    *fd = -1;
    *temp_path = NULL;
    *final_path = NULL;
    const size_t length = strlen(path);
    if (length == 0 || length >= PATH_MAX || path[length - 1] == '/')
        return nave_fail(why, NAVE_E_IO, "'%.80s' is not the name of a file", path);
    exists = lstat(path, &st) == 0;
    if (exists && S_ISLNK(st.st_mode)) {
        *final_path = realpath(path, NULL);
        if (!*final_path || stat(*final_path, &st) != 0) {
            free(*final_path);
            *final_path = NULL;
            return nave_fail(why, NAVE_E_IO, "'%s' is a link to nothing: remove it or name another output", path);
        }
    } else {
        *final_path = strdup(path);
    }
    if (!*final_path)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory while opening '%s'", path);
    int err = NAVE_OK;
    if (exists && !S_ISREG(st.st_mode))
        err = nave_fail(why, NAVE_E_IO, "'%s' is %s: name a file as the output", path,
                        S_ISDIR(st.st_mode) ? "a folder" : "not a regular file");
    else if (exists && !overwrite)
        err = nave_fail(why, NAVE_E_IO, "'%s' exists: remove it, name another output or allow overwriting", path);
    if (err)
        goto err_free_final;

    /* Not mkstemp: its mode 0600 would stay with the finished file, whatever the umask. */
    for (int i = 0; i < TEMP_TRIES && *fd < 0; i++) {
        free(*temp_path);
        *temp_path = temp_name(*final_path);
        if (!*temp_path) {
            err = nave_fail(why, NAVE_E_NOMEM, "out of memory while opening '%s'", path);
            goto err_free_final;
        }
        *fd = open(*temp_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (*fd < 0 && errno != EEXIST)
            break;
    }
    if (*fd < 0) {
        err = nave_fail(why, NAVE_E_IO, "cannot write beside '%s': %s", path, strerror(errno));
        goto err_free_temp;
    }
    if (exists && fchmod(*fd, st.st_mode & 0777) != 0)
        errno = 0; /* a file system without modes has none to keep */
    return NAVE_OK;

err_free_temp:
    free(*temp_path);
    *temp_path = NULL;
err_free_final:
    free(*final_path);
    *final_path = NULL;
    return err;
}

int nave_temp_commit(const char *temp_path, const char *final_path, int overwrite, nave_text *why)
{
    int failed;
    if (overwrite) {
        failed = rename(temp_path, final_path);
    } else {
        failed = renameat2(AT_FDCWD, temp_path, AT_FDCWD, final_path, RENAME_NOREPLACE);
        if (failed && (errno == EINVAL || errno == ENOSYS)) {
            /* The file system has no such rename; a hard link does not replace either. */
            failed = link(temp_path, final_path);
            if (!failed)
                unlink(temp_path);
        }
    }
    if (failed) {
        const int err =
            nave_fail(why, NAVE_E_IO, "cannot put the finished file at '%s': %s", final_path, strerror(errno));
        unlink(temp_path);
        return err;
    }
    return NAVE_OK;
}
