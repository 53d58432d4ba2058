import { useMemo } from 'react'
import { useFormats } from '../app/context'
import { written } from '../i18n/format'

/** Instants as the operator's clocks showed them: as the server wrote them, whatever the browser knows of zones. */
export function useWhen() {
  const { tag } = useFormats()
  return useMemo(() => {
    const full = new Intl.DateTimeFormat(tag, { timeZone: 'UTC', day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' })
    const short = new Intl.DateTimeFormat(tag, { timeZone: 'UTC', day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit' })
    return { full: (iso: string) => full.format(written(iso)), short: (iso: string) => short.format(written(iso)) }
  }, [tag])
}
