/* FFTW's planner keeps global tables: every call of it goes through this guard, so that objects can live in any thread.
 * SPDX-License-Identifier: ISC */
#include "fftw_guard.h"
#include <pthread.h>

static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

void nave_fftw_lock(void)
{
    pthread_mutex_lock(&planner);
}

void nave_fftw_unlock(void)
{
    pthread_mutex_unlock(&planner);
}
