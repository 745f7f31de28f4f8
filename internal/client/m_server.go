package client

// Dialect tells which of the two forms of the API a server speaks. The documented
// dialect is the one of the vendor's API documents, the deployed dialect the one of
// the open-source backend of 2026-08. Only the client needs to know; reports print
// it.
type Dialect string

// The dialects. DialectUnknown holds until an answer has shown which it is.
const (
	DialectUnknown    Dialect = ""
	DialectDocumented Dialect = "documented"
	DialectDeployed   Dialect = "deployed"
)

// Stats counts what was asked of the API, for the report.
type Stats struct {
	Requests int `json:"requests"` // attempts sent, retries included
	Polls    int `json:"polls"`
	Retries  int `json:"retries"`
}
