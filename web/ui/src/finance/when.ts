import { useMemo } from 'react'
import { useFormats, useMe } from '../app/context'

/** Instants as the operator's clocks show them. */
export function useWhen() {
  const zone = useMe().tenant.time_zone
  const { tag } = useFormats()
  return useMemo(() => {
    const full = new Intl.DateTimeFormat(tag, { timeZone: zone, day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' })
    const short = new Intl.DateTimeFormat(tag, { timeZone: zone, day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit' })
    return { full: (iso: string) => full.format(new Date(iso)), short: (iso: string) => short.format(new Date(iso)) }
  }, [tag, zone])
}
