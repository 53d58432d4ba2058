import { useEffect, useState } from 'react'

export function useDebounced<T>(value: T, ms: number): T {
  const [late, set] = useState(value)
  useEffect(() => {
    const h = setTimeout(() => set(value), ms)
    return () => clearTimeout(h)
  }, [value, ms])
  return late
}
