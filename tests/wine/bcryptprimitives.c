/* Wine before version 9 lacks the DLL from which Rust's standard library takes random numbers. For tests only: it lies
 * beside the programs that Wine runs, and is part of no release. RtlGenRandom is called SystemFunction036 in advapi32. */
#include <windows.h>
#include <ntsecapi.h>

BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
    return RtlGenRandom(data, (ULONG)length);
}
