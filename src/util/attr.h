/* util/attr.h - compiler annotations, empty where a compiler lacks them. */
#ifndef UTIL_ATTR_H
#define UTIL_ATTR_H

#if defined(__GNUC__)
#define ATTR_NODISCARD __attribute__((warn_unused_result))
#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_UNUSED __attribute__((unused))
#define ATTR_ALWAYS_INLINE inline __attribute__((always_inline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#else
#define ATTR_NODISCARD
#define ATTR_PRINTF(fmt, args)
#define ATTR_UNUSED
#define ATTR_ALWAYS_INLINE inline
#define LIKELY(x) (x)
#define UNLIKELY(x) (x)
#endif

/* clang -Wthread-safety checks these on functions; gcc ignores them */
#if defined(__clang__)
#define CAPABILITY(name) __attribute__((capability(name)))
#define ACQUIRES(m) __attribute__((acquire_capability(m)))
#define RELEASES(m) __attribute__((release_capability(m)))
#define REQUIRES(m) __attribute__((requires_capability(m)))
#define NO_THREAD_SAFETY_ANALYSIS __attribute__((no_thread_safety_analysis))
#else
#define CAPABILITY(name)
#define ACQUIRES(m)
#define RELEASES(m)
#define REQUIRES(m)
#define NO_THREAD_SAFETY_ANALYSIS
#endif

#endif
