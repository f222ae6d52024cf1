package mail

import "net/http" // want "HTTP is spoken in api"
