import { Link } from 'wouter'
import { useKinds } from './kinds'

/** What something is about: in words, with the beginning of its id, and as a link where there is a page. */
export function SubjectRef({ subject, className = '' }: { subject: string; className?: string }) {
  const say = useKinds()
  const [kind = '', id = ''] = subject.split('/')
  const name = (
    <>
      {say('subject', kind)} {id && <bdi dir="ltr" className="figures">{id.slice(0, 8)}</bdi>}
    </>
  )
  const page = { payment: `/finance/payments/${id}`, invoice: `/finance/invoices/${id}`, case: `/finance/cases/${id}` }[kind]
  return page ? (
    <Link href={page} title={subject} className={`text-brand underline ${className}`}>
      {name}
    </Link>
  ) : (
    <span title={subject} className={className}>
      {name}
    </span>
  )
}
