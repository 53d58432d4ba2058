package policy

// Permission is what a role can grant. The names are kept in rows, so they never change their meaning.
type Permission string

// The catalogue of permissions.
const (
	StopReadPermission          Permission = "stop.read"
	LineReadPermission          Permission = "line.read"
	TripReadPermission          Permission = "trip.read"
	TripOperatePermission       Permission = "trip.operate"
	BookingHoldPermission       Permission = "booking.hold"
	BookingReadPermission       Permission = "booking.read"
	BookingReadAnyPermission    Permission = "booking.read_any"
	BookingCancelPermission     Permission = "booking.cancel"
	BookingCancelAnyPermission  Permission = "booking.cancel_any"
	BoardReadPermission         Permission = "board.read"
	ManifestReadPermission      Permission = "manifest.read"
	BoardingWritePermission     Permission = "boarding.write"
	PositionPublishPermission   Permission = "position.publish"
	PositionAnyPermission       Permission = "position.publish_any"
	GTFSImportPermission        Permission = "gtfs.import"
	UserReadPermission          Permission = "user.read"
	UserWritePermission         Permission = "user.write"
	TenantWritePermission       Permission = "tenant.write"
	AuditReadPermission         Permission = "audit.read"
	FinanceReadPermission       Permission = "finance.read"
	FinanceWritePermission      Permission = "finance.write"
	InvoiceWritePermission      Permission = "invoice.write"
	CashTakePermission          Permission = "cash.take"
	PassWritePermission         Permission = "pass.write"
	OrganisationReadPermission  Permission = "organisation.read"
	OrganisationWritePermission Permission = "organisation.write"
	CompanyManagePermission     Permission = "company.manage"
	PayoutMakePermission        Permission = "payout.make"
	PayoutApprovePermission     Permission = "payout.approve"
	AdviceAskPermission         Permission = "advice.ask"
	AdviceGivePermission        Permission = "advice.give"
	QueueReadPermission         Permission = "queue.read"
	QueueWritePermission        Permission = "queue.write"
	SessionListenPermission     Permission = "session.listen"
	SessionWhisperPermission    Permission = "session.whisper"
	SessionBargePermission      Permission = "session.barge"
)

// Permissions describes each permission to whoever composes roles. Own permissions reach what belongs to their holder
// and take no scope.
var Permissions = []struct {
	Name  Permission
	Own   bool
	About string
}{
	{StopReadPermission, false, "Find stops"},
	{LineReadPermission, false, "See lines, patterns and timetables"},
	{TripReadPermission, false, "Search trips and follow them live"},
	{TripOperatePermission, false, "Run the day: capacity, delay, departure, cancellation of a trip"},
	{BookingHoldPermission, true, "Hold and confirm seats for oneself"},
	{BookingReadPermission, true, "See one's own bookings and tickets"},
	{BookingReadAnyPermission, false, "See every rider's bookings"},
	{BookingCancelPermission, true, "Cancel one's own bookings"},
	{BookingCancelAnyPermission, false, "Cancel any rider's booking"},
	{BoardReadPermission, false, "See the dispatcher's board"},
	{ManifestReadPermission, false, "See who travels on a trip"},
	{BoardingWritePermission, false, "Board riders and record no-shows"},
	{PositionPublishPermission, true, "Publish the position of a trip that one drives, or that has no driver yet"},
	{PositionAnyPermission, false, "Publish any vehicle's position, as a tracking service does"},
	{GTFSImportPermission, false, "Import feeds and see their problems"},
	{UserReadPermission, false, "See users and their roles"},
	{UserWritePermission, false, "Create and disable users, give and take roles"},
	{TenantWritePermission, false, "Change the tenant's settings and roles"},
	{AuditReadPermission, false, "Read the audit log"},
	{PayoutMakePermission, false, "Prepare what experts are paid, send it, say what became of it"},
	{PayoutApprovePermission, false, "Approve a payout that somebody else has prepared"},
	{FinanceReadPermission, false, "See payments, accounts, gateways' events and findings"},
	{FinanceWritePermission, false, "Refund payments, replay events, explain findings"},
	{InvoiceWritePermission, false, "Finalise and credit invoices, match money that came, lock periods, decide cases, say who bills and what taxes hold"},
	{CashTakePermission, false, "Take riders' cash and put it into their wallets"},
	{PassWritePermission, false, "Say which passes are sold"},
	{OrganisationReadPermission, false, "See every organisation with its people, programmes and spend"},
	{OrganisationWritePermission, false, "Create and change organisations, and name who manages them"},
	{CompanyManagePermission, false, "Manage the people and programmes of a unit of an organisation, and of those under it; nothing without a unit"},
	{AdviceAskPermission, true, "Ask for an expert, wait, and leave"},
	{AdviceGivePermission, true, "Give advice: one's profile, whether one is there, what one is rung for"},
	{QueueReadPermission, false, "See queues with who waits, and what experts are doing"},
	{QueueWritePermission, false, "Write queues and skills, and decide who may practise"},
	{SessionListenPermission, false, "Listen to conversations of queues"},
	{SessionWhisperPermission, false, "Speak to the expert of a conversation, unheard by its client"},
	{SessionBargePermission, false, "Speak with both in a conversation"},
}

// KnownPermission tells whether a role may name it.
func KnownPermission(p Permission) bool {
	for _, k := range Permissions {
		if k.Name == p {
			return true
		}
	}
	return false
}
