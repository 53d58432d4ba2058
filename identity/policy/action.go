package policy

import "slices"

// Action is what a route or a socket verb is about to do. Every one has rules; every one names the permissions that its
// rules consult.
type Action string

// The catalogue of actions.
const (
	SelfRead  Action = "self.read"  // the caller's own profile and session
	SelfWrite Action = "self.write" // change it, end it, open a socket

	StopRead    Action = "stop.read"
	LineRead    Action = "line.read" // lines and their patterns
	TripRead    Action = "trip.read"
	TripOperate Action = "trip.operate"

	BookingHold    Action = "booking.hold" // for oneself
	BookingRead    Action = "booking.read"
	BookingConfirm Action = "booking.confirm"
	BookingCancel  Action = "booking.cancel"
	BookingTicket  Action = "booking.ticket" // the signed token: its rider's alone
	BookingNoShow  Action = "booking.no_show"

	BoardRead     Action = "board.read"
	ManifestRead  Action = "manifest.read"
	BoardingWrite Action = "boarding.write"
	TicketKeyRead Action = "ticket_key.read"

	PositionPublish Action = "position.publish"

	ImportRead  Action = "import.read"
	UserRead    Action = "user.read"
	UserWrite   Action = "user.write"
	TenantWrite Action = "tenant.write"
	AuditRead   Action = "audit.read"

	OrganisationWrite Action = "organisation.write" // who is billed, units, who manages: the operator's
	CompanyRead       Action = "company.read"       // one organisation's people, programmes, rides and spend
	CompanyWrite      Action = "company.write"      // its roster and programmes

	FinanceRead  Action = "finance.read"  // payments, accounts, events of gateways, findings
	FinanceWrite Action = "finance.write" // refund, replay, explain

	PayoutMake    Action = "payout.make"    // prepare, send and end payouts; experts' accounts
	PayoutApprove Action = "payout.approve" // never one's own
	InvoiceRead   Action = "invoice.read"   // one organisation's invoices
	InvoiceWrite  Action = "invoice.write"  // finalise, credit, match money, lock periods, decide cases, say who bills and what taxes hold
	CaseRead      Action = "case.read"      // and add evidence to it

	CashTake  Action = "cash.take"  // turn a rider's cash into their money
	CashShift Action = "cash.shift" // one's own: what one holds, closing it

	PassProductRead  Action = "pass_product.read"
	PassProductWrite Action = "pass_product.write"
	PassRead         Action = "pass.read" // one's own
	PassBuy          Action = "pass.buy"  // and give back

	SessionRead Action = "session.read" // a conversation that one takes part in
	SessionTalk Action = "session.talk" // in it

	SessionListen  Action = "session.listen"  // supervise a conversation: hear it
	SessionWhisper Action = "session.whisper" // speak to its expert alone
	SessionBarge   Action = "session.barge"   // speak with both

	SessionTransfer Action = "session.transfer" // hand its client to another expert

	AdviceRead  Action = "advice.read"  // which queues and skills there are
	AdviceAsk   Action = "advice.ask"   // for oneself: wait, and leave
	AdviceGive  Action = "advice.give"  // one's own profile, whether one is there, what one is rung for
	RequestRead Action = "request.read" // one's own, or all as whoever runs queues
	QueueRead   Action = "queue.read"   // boards: who waits, what experts do
	QueueWrite  Action = "queue.write"  // queues, skills, who may practise
)

// actions is every action with the permissions that can carry it.
var actions = map[Action][]Permission{
	SelfRead:  nil, // being signed in is enough, for oneself
	SelfWrite: nil,

	StopRead:    {StopReadPermission},
	LineRead:    {LineReadPermission, CompanyManagePermission},
	TripRead:    {TripReadPermission},
	TripOperate: {TripOperatePermission},

	BookingHold:    {BookingHoldPermission},
	BookingRead:    {BookingReadPermission, BookingReadAnyPermission},
	BookingConfirm: {BookingHoldPermission},
	BookingCancel:  {BookingCancelPermission, BookingCancelAnyPermission},
	BookingTicket:  {BookingReadPermission},
	BookingNoShow:  {BoardingWritePermission},

	BoardRead:     {BoardReadPermission},
	ManifestRead:  {ManifestReadPermission},
	BoardingWrite: {BoardingWritePermission},
	TicketKeyRead: {BoardingWritePermission},

	PositionPublish: {PositionPublishPermission, PositionAnyPermission},

	ImportRead:  {GTFSImportPermission},
	UserRead:    {UserReadPermission},
	UserWrite:   {UserWritePermission},
	TenantWrite: {TenantWritePermission},
	AuditRead:   {AuditReadPermission},

	OrganisationWrite: {OrganisationWritePermission},
	CompanyRead:       {OrganisationReadPermission, CompanyManagePermission},
	CompanyWrite:      {OrganisationWritePermission, CompanyManagePermission},
	PayoutMake:        {PayoutMakePermission},
	PayoutApprove:     {PayoutApprovePermission},

	FinanceRead:  {FinanceReadPermission},
	FinanceWrite: {FinanceWritePermission},

	InvoiceRead:  {FinanceReadPermission, CompanyManagePermission},
	InvoiceWrite: {InvoiceWritePermission},
	CaseRead:     {FinanceReadPermission, BookingReadPermission, CompanyManagePermission},

	CashTake:  {CashTakePermission},
	CashShift: {CashTakePermission, BoardingWritePermission},

	PassProductRead:  {BookingHoldPermission, PassWritePermission},
	PassProductWrite: {PassWritePermission},
	PassRead:         {BookingReadPermission},
	PassBuy:          {BookingHoldPermission},

	SessionRead: nil, // taking part in it is enough
	SessionTalk: nil,

	SessionListen:  {SessionListenPermission},
	SessionWhisper: {SessionWhisperPermission},
	SessionBarge:   {SessionBargePermission},

	SessionTransfer: {AdviceGivePermission, SessionBargePermission},

	AdviceRead:  {AdviceAskPermission, AdviceGivePermission, QueueReadPermission},
	AdviceAsk:   {AdviceAskPermission},
	AdviceGive:  {AdviceGivePermission},
	RequestRead: {AdviceAskPermission, QueueReadPermission},
	QueueRead:   {QueueReadPermission},
	QueueWrite:  {QueueWritePermission},
}

// supervising is what a supervisor of a conversation must hold for as long as they are in it.
var supervising = []Permission{SessionListenPermission, SessionWhisperPermission, SessionBargePermission}

// weighed is what rules ask about beside what carries an action: it opens nothing by itself.
var weighed = map[Action][]Permission{SessionRead: supervising, SessionTalk: supervising}

// consulted is every permission that an action's rules look at.
var consulted = func() map[Action][]Permission {
	out := make(map[Action][]Permission, len(actions))
	for a, need := range actions {
		out[a] = slices.Concat(need, weighed[a])
	}
	return out
}()

// Known tells whether the action is in the catalogue.
func Known(a Action) bool { _, ok := actions[a]; return ok }
