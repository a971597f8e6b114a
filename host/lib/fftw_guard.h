/* FFTW's planner keeps global tables: every call of it goes through this guard, so that objects can live in any thread.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_FFTW_GUARD_H
#define NAVE_FFTW_GUARD_H

/* Call before fftw_plan_* and fftw_destroy_plan. Executing a plan needs no guard. */
void nave_fftw_lock(void);
void nave_fftw_unlock(void);

#endif
