/** Joins class names, leaving out what is falsy. */
export const cx = (...parts: (string | boolean | null | undefined)[]): string => parts.filter(Boolean).join(' ')
