import { useQuery } from '@tanstack/react-query'
import { useHttp } from '../app/context'
import { wholeList } from '../app/whole'

/** The operator's business customers, to choose from. */
export function useOrganisations() {
  const http = useHttp()
  return useQuery({ queryKey: ['organisations', 'names'], queryFn: ({ signal }) => wholeList<{ id: string; name: string }>(http, '/v1/organisations', signal) })
}
