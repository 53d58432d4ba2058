import { useQuery } from '@tanstack/react-query'
import type { Line } from '../api/types'
import { useHttp } from './context'

/** The operator's lines, read once for all screens. */
export function useLines() {
  const http = useHttp()
  return useQuery({ queryKey: ['lines'], staleTime: 300_000, queryFn: ({ signal }) => http.get<{ items: Line[] }>('/v1/lines', { signal }) })
}

/** Where a trip goes: its line's name is the same both ways, its pattern is not. */
export const headsignOf = (line: Line | undefined, pattern: string | undefined) => line?.patterns?.find((p) => p.id === pattern)?.headsign
