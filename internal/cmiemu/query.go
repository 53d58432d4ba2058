package cmiemu

import (
	"encoding/xml"
	"fmt"
	"html/template"
	"net/http"
)

// query answers the status query.
func (e *Emulator) query(rw http.ResponseWriter, r *http.Request) {
	var q struct {
		Name     string `xml:"Name"`
		Password string `xml:"Password"`
		Client   string `xml:"ClientId"`
		Order    string `xml:"OrderId"`
	}
	if err := xml.Unmarshal([]byte(r.PostFormValue("DATA")), &q); err != nil {
		http.Error(rw, "no XML", http.StatusBadRequest)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failures > 0 {
		e.failures--
		http.Error(rw, "failure", http.StatusInternalServerError)
		return
	}
	if q.Name != e.o.User || q.Password != e.o.Password || q.Client != e.o.Client {
		http.Error(rw, "who are you?", http.StatusUnauthorized)
		return
	}
	rw.Header().Set("Content-Type", "application/xml")
	o := e.orders[q.Order]
	if o == nil {
		fmt.Fprintf(rw, `<?xml version="1.0"?><CC5Response><Response>Error</Response><ProcReturnCode>99</ProcReturnCode><ErrMsg>No record found</ErrMsg><Extra></Extra></CC5Response>`)
		return
	}
	// The order's id passed the form's hash: it is the shop's own, letters and digits.
	fmt.Fprintf(rw, `<?xml version="1.0"?><CC5Response><OrderId>%s</OrderId><Response>Approved</Response><ProcReturnCode>00</ProcReturnCode><Extra><ORDERSTATUS>`, template.HTMLEscapeString(q.Order))
	fmt.Fprintf(rw, "ORD_ID:%s\tTRANS_STAT:%s\tPROC_RET_CD:%s\tORIG_TRANS_AMT:%d\tCAPTURE_AMT:%d\tTRANS_ID:%s", template.HTMLEscapeString(q.Order), o.status, o.code, o.minor, o.taken, o.trans)
	fmt.Fprint(rw, `</ORDERSTATUS></Extra></CC5Response>`)
}
