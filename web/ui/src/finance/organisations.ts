import { useQuery } from '@tanstack/react-query'
import type { Page } from '../api/types'
import { useHttp } from '../app/context'

/** The operator's business customers, to choose from. */
export function useOrganisations() {
  const http = useHttp()
  return useQuery({ queryKey: ['organisations', 'names'], queryFn: ({ signal }) => http.get<Page<{ id: string; name: string }>>('/v1/organisations', { query: { limit: 200 }, signal }) })
}
