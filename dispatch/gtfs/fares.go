package gtfs

import (
	"math"
	"strings"
)

const (
	fareID = iota
	farePrice
	fareCurrency
	fareMethod
	fareTransfers
	fareAgency
	fareDuration
)

var fareTable = &table{
	file: "fare_attributes.txt",
	columns: []column{
		fareID: {"fare_id", required}, farePrice: {"price", required}, fareCurrency: {"currency_type", required},
		fareMethod: {"payment_method", required}, fareTransfers: {"transfers", required}, fareAgency: {"agency_id", optional},
		fareDuration: {"transfer_duration", optional},
	},
}

const (
	frFare = iota
	frRoute
	frOrigin
	frDestination
	frContains
)

var fareRuleTable = &table{
	file: "fare_rules.txt",
	columns: []column{
		frFare: {"fare_id", required}, frRoute: {"route_id", optional}, frOrigin: {"origin_id", optional},
		frDestination: {"destination_id", optional}, frContains: {"contains_id", optional},
	},
}

func (rd *reading) readFares() {
	rd.ids.fares = map[string]int32{}
	rd.each(fareTable, func(r *row) {
		id, ok := r.mustID(fareID)
		if !ok {
			return
		}
		if _, dup := rd.ids.fares[string(id)]; dup {
			r.add(duplicateKey, fareID, string(id))
			return
		}
		f := Fare{ID: string(id), Agency: None}
		if len(r.raw(fareAgency)) > 0 {
			f.Agency, _ = r.agency(fareAgency)
		}
		f.Amount, f.Currency = r.price()
		if len(r.bytes(fareMethod)) == 0 {
			r.add(missingRequiredField, fareMethod, "")
		}
		r.enum(fareMethod, 0, 1)
		f.Transfers = r.enum(fareTransfers, None, 2)
		f.TransferSeconds, _ = r.integer(fareDuration, 0, 0, math.MaxInt32)
		rd.ids.fares[f.ID] = int32(len(rd.feed.Fares))
		rd.feed.Fares = append(rd.feed.Fares, f)
	})
	byZone := false
	rd.each(fareRuleTable, func(r *row) {
		fare, ok := r.lookup(frFare, rd.ids.fares, "fare_id in fare_attributes.txt")
		rule := FareRule{Fare: int(fare), Line: None}
		if len(r.raw(frRoute)) > 0 {
			at, ok := r.lookup(frRoute, rd.ids.lines, "route_id in routes.txt")
			if !ok {
				return
			}
			rule.Line = int(at)
		}
		rule.Origin, rule.Destination, rule.Contains = r.fareZone(frOrigin), r.fareZone(frDestination), r.fareZone(frContains)
		byZone = byZone || rule.Origin+rule.Destination+rule.Contains != ""
		if ok {
			rd.feed.FareRules = append(rd.feed.FareRules, rule)
		}
	})
	if !byZone {
		return
	}
	for i := range rd.feed.Stops {
		if s := &rd.feed.Stops[i]; s.FareZone == "" && s.Kind == Platform {
			rd.report.add(Notice{Name: stopWithoutFareZone, File: stopTable.file, Field: "zone_id", Value: s.ID})
		}
	}
}

func (r *row) fareZone(c int) string {
	zone := string(r.id(c))
	if zone != "" && !r.ids.zones[zone] {
		r.addf(foreignKeyViolation, c, zone, "no such zone_id in stops.txt")
	}
	return zone
}

// price returns an amount in the currency's minor unit.
func (r *row) price() (int64, string) {
	currency := strings.ToUpper(r.text(fareCurrency))
	digits, ok := minorDigits(currency)
	if !ok {
		r.add(invalidCurrency, fareCurrency, currency)
		return 0, ""
	}
	v := string(r.bytes(farePrice))
	if v == "" {
		r.add(missingRequiredField, farePrice, "")
		return 0, ""
	}
	whole, fraction, _ := strings.Cut(v, ".")
	for len(fraction) > digits && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1] // 1.500 in a currency with two digits is 1.50
	}
	if strings.HasPrefix(whole, "-") {
		r.add(numberOutOfRange, farePrice, v)
		return 0, ""
	}
	amount, ok := int64(0), whole+fraction != ""
	for _, b := range []byte(whole + fraction + strings.Repeat("0", max(0, digits-len(fraction)))) {
		if b < '0' || b > '9' || amount > 1e12 {
			ok = false
			break
		}
		amount = amount*10 + int64(b-'0')
	}
	switch {
	case !ok:
		r.add(invalidFloat, farePrice, v)
	case len(fraction) > digits:
		r.addf(invalidCurrencyAmount, farePrice, v, "more decimals than "+currency+" has")
	default:
		return amount, currency
	}
	return 0, ""
}

// The currencies of ISO 4217 by the digits of their minor unit.
const (
	currencies0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
	currencies3 = "BHD IQD JOD KWD LYD OMR TND"
	currencies2 = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF " +
		"CHF CNY COP CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG " +
		"HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR " +
		"MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP " +
		"SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWL"
)

func minorDigits(currency string) (int, bool) {
	if len(currency) != 3 {
		return 0, false
	}
	switch {
	case contains(currencies2, currency):
		return 2, true
	case contains(currencies0, currency):
		return 0, true
	case contains(currencies3, currency):
		return 3, true
	}
	return 0, false
}
