import type { CallProps } from '.'
import { useSession } from './useSession'

export default function CallPage({ session }: CallProps) {
  const { doc } = useSession(session)
  return <div data-testid="call" data-state={doc?.state} />
}
