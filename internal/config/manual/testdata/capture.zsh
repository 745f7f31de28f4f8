# Types a command line ($2) and a tab into an interactive zsh that completes with the script in the
# folder $1, and prints what it offers, each after "HIT:".
zmodload zsh/zpty
capture='
PS1=
fpath=('$1' $fpath)
autoload -Uz compinit && compinit -u -d '$1'/dump
zstyle ":completion:*" list-grouped false
compadd () {
	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
	typeset -a hits; builtin compadd -A hits "$@"; print -l -- "HIT:"$^hits; builtin compadd "$@"
}
capture() { _main_complete; print END; exit }
zle -C capture list-choices capture
bindkey "^I" capture
'
zpty shell zsh -f -i
zpty -w shell "source $1/setup; echo RE''ADY"
print -r -- $capture > $1/setup
zpty -r shell line '*READY*'
zpty -w -n shell "$2"$'\t'
while zpty -r shell line; do print -r -- $line; done
