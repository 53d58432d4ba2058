import { useEffect } from 'react'

/** The window's title for as long as this says something. */
export function useTitle(text: string | null) {
  useEffect(() => {
    if (text === null) return
    const before = document.title
    document.title = text
    return () => {
      document.title = before
    }
  }, [text])
}
