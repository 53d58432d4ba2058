package fault

// catalogue lists every code that may leave the server, with its kind. Codes are
// stable: programs switch on them. TestEveryCodeSpeaks wants a sentence for each in
// every language.
var catalogue = map[string]Kind{
	// Requests that cannot be read.
	"bad_json":           Malformed,
	"duplicate_key":      Malformed,
	"invalid_utf8":       Malformed,
	"bad_uuid":           Invalid,
	"bad_date":           Invalid,
	"unknown_field":      Invalid,
	"required":           Invalid,
	"too_long":           Invalid,
	"too_short":          Invalid,
	"out_of_range":       Invalid,
	"bad_value":          Invalid,
	"invalid":            Invalid,
	"body_too_large":     TooLarge,
	"unsupported_media":  Unsupported,
	"header_too_large":   HeaderTooLarge,
	"not_found":          NotFound,
	"method_not_allowed": MethodNotAllowed,
	"bad_request":        Malformed,

	// Who is asking.
	"unauthenticated": Unauthenticated,
	"token_expired":   Unauthenticated,
	"bad_credentials": Unauthenticated,
	"forbidden":       Forbidden,
	"rate_limited":    RateLimited,
	"too_many":        RateLimited,
	"unavailable":     Unavailable,
	"internal":        Internal,

	// Repeats.
	"idempotency_key_required": Malformed,
	"idempotency_key_invalid":  Malformed,
	"idempotency_conflict":     Conflict,

	// Invoices.
	"organisation_not_found": NotFound,
	"invoice_not_found":      NotFound,
	"month_invalid":          Invalid,
	"month_billed":           Conflict,
	"month_not_over":         Conflict,
	"nothing_to_bill":        Conflict,
	"invoice_changed":        Conflict,
	"invoice_below_zero":     Conflict,
	"tax_unknown":            Conflict,
	"tax_day_taken":          Conflict,
	"tax_code_taken":         Conflict,
	"tax_too_many":           Conflict,
	"tax_invalid":            Invalid,
	"biller_changed":         Conflict,
	"biller_incomplete":      Conflict,
	"nothing_to_credit":      Conflict,
	"credit_too_much":        Conflict,
	"not_creditable":         Conflict,

	// What organisations pay.
	"bank_file_invalid":   Invalid,
	"bank_line_not_found": NotFound,
	"receipt_too_much":    Conflict,
	"receipt_twice":       Conflict,

	// Periods.
	"period_locked":       Conflict,
	"period_not_over":     Conflict,
	"period_out_of_order": Conflict,
	"export_too_long":     Conflict,
	"opening_invalid":     Invalid,
	"opening_done":        Conflict,

	// Cases.
	"case_not_found":     NotFound,
	"case_decided":       Conflict,
	"case_subject":       NotFound,
	"evidence_invalid":   Invalid,
	"evidence_too_many":  Conflict,
	"decision_not_apply": Invalid,

	// Seats.
	"party_invalid":       Invalid,
	"same_stop":           Invalid,
	"stops_reversed":      Invalid,
	"stop_not_on_trip":    Invalid,
	"date_invalid":        Invalid,
	"trip_not_found":      NotFound,
	"trip_departed":       Conflict,
	"trip_cancelled":      Conflict,
	"trip_closed":         Conflict,
	"trip_full":           Conflict,
	"capacity_invalid":    Invalid,
	"delay_invalid":       Invalid,
	"booking_not_found":   NotFound,
	"hold_expired":        Conflict,
	"already_confirmed":   Conflict,
	"already_cancelled":   Conflict,
	"not_confirmed":       Conflict,
	"not_cancellable":     Conflict,
	"not_boardable":       Conflict,
	"already_boarded":     Conflict,
	"too_early_to_board":  Conflict,
	"too_early_to_depart": Conflict,
	"payment_not_taken":   Invalid,
	"ticket_invalid":      Invalid,
	"ticket_other_trip":   Conflict,
	"not_no_show":         Conflict,
	"too_early_for_show":  Conflict,

	// Money. A key that was used for another journal is idempotency_conflict, as for any request.
	"amount_invalid":        Invalid,
	"amount_not_chargeable": Invalid,
	"currency_unknown":      Invalid,
	"currency_mismatch":     Invalid,
	"account_not_found":     NotFound,
	"insufficient_funds":    Conflict,
	"funds_hold_not_found":  NotFound,
	"funds_hold_expired":    Conflict,
	"already_resolved":      Conflict,
	"more_than_held":        Conflict,

	// People.
	"email_taken":   Conflict,
	"weak_password": Invalid,
	"role_unknown":  Invalid,
	"own_access":    Conflict,

	// Cash in people's hands, and passes.
	"cash_too_much":         Invalid,
	"cash_float_full":       Conflict,
	"cash_for_oneself":      Conflict,
	"cash_undo_late":        Conflict,
	"cash_undone":           Conflict,
	"cash_spent":            Conflict,
	"shift_none":            Conflict,
	"shift_still_open":      Conflict,
	"shift_confirmed":       Conflict,
	"shift_own":             Conflict,
	"deposit_differs":       Invalid,
	"deposit_place_unknown": Invalid,
	"pass_not_on_sale":      Conflict,
	"pass_none":             Conflict,
	"pass_not_refundable":   Conflict,

	// Paying. The first group is why a card was declined, the second what became of the payment.
	"payment_declined":              Conflict,
	"payment_insufficient_funds":    Conflict,
	"payment_card_expired":          Conflict,
	"payment_wrong_details":         Conflict,
	"payment_not_accepted":          Conflict,
	"payment_limit_reached":         Conflict,
	"payment_try_again":             Conflict,
	"payment_authentication_failed": Conflict,

	"payment_needs_authentication": Conflict,
	"payment_refused":              Conflict,
	"payment_unconfirmed":          Unavailable,
	"payment_not_set_up":           Conflict,
	"payment_not_supported":        Conflict,
	"fee_invalid":                  Invalid,
	"minutes_invalid":              Invalid,
	"session_ended":                Conflict,
	"session_other_terms":          Conflict,
	"session_not_funded":           Conflict,
	"account_number_invalid":       Invalid,
	"payout_at_work":               Conflict,
	"payout_nobody":                Conflict,
	"payout_not_so_far":            Conflict,
	"payout_own":                   Conflict,
	"seller_not_ready":             Conflict,
	"media_not_supported":          Conflict,
	"media_not_set_up":             Conflict,
	"media_refused":                Conflict,
	"media_changed":                Conflict,
	"gateway_taken":                Conflict,
	"payment_at_work":              Conflict,
	"methods_full":                 Conflict,

	// Findings, and what people say of them.
	"finding_over":        Conflict,
	"reason_required":     Invalid,
	"payment_not_found":   NotFound,
	"refund_not_possible": Conflict,
	"refund_too_much":     Invalid,
	"goodwill_too_much":   Invalid,
	"refund_under_way":    Conflict,
	"refund_refused":      Conflict,
	"gateway_changed":     Conflict,
	"nothing_to_pay":      Conflict,

	// Organisations.
	"organisation_taken": Conflict,
	"manager_unknown":    Invalid,
	"programme_terms":    Invalid,
	"roster_applied":     Conflict,
	"roster_changed":     Conflict,
	"roster_alarming":    Conflict,
	"roster_elsewhere":   Conflict,

	// Matching.
	"request_not_funded":   Conflict,
	"request_not_found":    NotFound,
	"request_matched":      Conflict,
	"request_too_many":     Conflict,
	"queue_not_found":      NotFound,
	"queue_closed":         Conflict,
	"queue_full":           Conflict,
	"modality_not_offered": Invalid,
	"skill_not_found":      NotFound,
	"ceiling_too_low":      Conflict,
	"expert_not_found":     NotFound,
	"expert_suspended":     Conflict,
	"expert_present":       Conflict,
	"presence_superseded":  Conflict,
	"offer_not_found":      NotFound,
	"offer_expired":        Conflict,
	"offer_taken":          Conflict,
	"offer_declined":       Conflict,
	"offer_withdrawn":      Conflict,
	"offer_not_due":        Conflict,
	"offer_not_accepted":   Conflict,
}

// Codes is every code with its kind, for documentation and tests.
func Codes() map[string]Kind {
	c := make(map[string]Kind, len(catalogue))
	for k, v := range catalogue {
		c[k] = v
	}
	return c
}
