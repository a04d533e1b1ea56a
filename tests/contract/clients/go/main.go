// Runs the client of the API that the command line names; prints what it saw as one JSON object.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

var programs = map[string]func() map[string]any{
	"airtexts":  airTexts,
	"engagelab": engageLab,
	"mailpass":  mailPass,
	"optora":    optoraV2,
}

func main() {
	saw, err := json.Marshal(programs[os.Args[1]]())
	if err != nil {
		panic(err)
	}
	fmt.Println(string(saw))
}
