// What the suite tells the programs, and whoever reads the messages.

package main

import (
	"errors"
	"io"
	"net/http"
	"os"
)

var (
	server    = os.Getenv("VERIFYD_URL")
	key       = os.Getenv("VERIFYD_KEY")
	secret    = os.Getenv("VERIFYD_SECRET")
	recipient = os.Getenv("RECIPIENT")
)

// delivered is the code in a message: of an id, or the "newest".
func delivered(message string) string {
	answer, err := http.Get(os.Getenv("SINK") + "/code/" + message)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	code, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	return string(code)
}

// other is a code of the same form that is wrong.
func other(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

// must takes the answer of a call that has to succeed.
func must[T any](answer T, _ *http.Response, err error) T {
	if err != nil {
		panic(err)
	}
	return answer
}

// refused takes the typed body of a call that has to fail.
func refused[T any](err error) T {
	var failure interface{ Model() any }
	if !errors.As(err, &failure) {
		panic(err)
	}
	return failure.Model().(T)
}
