package calls

// DefaultBaseURL is the vendor's API server.
const DefaultBaseURL = "https://api.futureagi.com"

// Dialect is which of two variants of the API a server speaks: the documented dialect is in the
// vendor's API documents, the deployed dialect in the open-source backend of 2026-08. Only the
// client acts on it; reports print it.
type Dialect string

// The dialects. DialectUnknown holds until a response has shown which it is.
const (
	DialectUnknown    Dialect = ""
	DialectDocumented Dialect = "documented"
	DialectDeployed   Dialect = "deployed"
)

// Stats counts API requests, for the report.
type Stats struct {
	Requests int `json:"requests"` // attempts sent, including retries
	Polls    int `json:"polls"`
	Retries  int `json:"retries"`
}
