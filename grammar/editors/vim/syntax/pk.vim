" Vim syntax file for .pk files, the rules files of pktables.
" Install: copy this folder's contents to ~/.vim (or ~/.local/share/nvim/site).
if exists('b:current_syntax')
  finish
endif

" A word runs up to white space, a comma, an equals sign, a quote or a "#".
" Without the colon, so that udp is a word of its own in 9002:udp.
syntax iskeyword @,48-57,_,-,.,/,+,192-255

" Later definitions win over earlier ones, and keywords over both.
syntax match pkName /[^[:space:],="#]\+/
syntax match pkNumber /\<[0-9]\+\ze\%([[:space:],="#]\|$\|-[0-9]*\%([[:space:],="#]\|$\)\|:\a*\%([[:space:],="#]\|$\)\)/ nextgroup=pkRange,pkColon
syntax match pkNumber /[0-9]\+/ contained
syntax match pkRange /-/ contained nextgroup=pkNumber
syntax match pkColon /:/ contained
syntax match pkDuration /\<[0-9]\+\a\+\ze\%([[:space:],="#]\|$\)/
syntax match pkRate /\<[0-9]\+\/\a\+\ze\%([[:space:],="#]\|$\)/
syntax match pkAddress /\<[0-9]\+\.[^[:space:],="#]*/
syntax match pkAddress /\x*:\x*:[0-9A-Fa-f:.]*\%(\/[0-9]*\)\?\ze\%([[:space:],="#]\|$\)/
syntax match pkPunctuation /[,=]/

syntax keyword pkStatement define service nextgroup=pkDefined skipwhite skipnl skipempty
syntax keyword pkStatement include expect
syntax keyword pkProtocol tcp udp ipv4 ipv6
syntax keyword pkPolicy drop accept reject
syntax keyword pkOption syn established allow knock once within for close by kernel knockd log prefix limit burst from to
syntax keyword pkOption on nextgroup=pkInterface,pkString skipwhite skipnl skipempty
syntax keyword pkOption level nextgroup=pkLevel skipwhite skipnl skipempty
" What follows these is a name, even if it is spelled like a keyword.
syntax match pkDefined /[^[:space:],="#]\+/ contained
syntax match pkInterface /[^[:space:],="#]\+/ contained
syntax match pkLevel /[^[:space:],="#]\+/ contained

syntax match pkEscape /\\["\\]/ contained
syntax region pkString start=/"/ skip=/\\./ end=/"\|$/ oneline contains=pkEscape
syntax match pkComment /#.*/ contains=@Spell

highlight default link pkComment Comment
highlight default link pkString String
highlight default link pkEscape SpecialChar
highlight default link pkStatement Statement
highlight default link pkDefined Function
highlight default link pkName Identifier
highlight default link pkProtocol Type
highlight default link pkPolicy Special
highlight default link pkOption Keyword
highlight default link pkLevel Constant
highlight default link pkInterface Constant
highlight default link pkAddress Constant
highlight default link pkNumber Number
highlight default link pkDuration Number
highlight default link pkRate Number
highlight default link pkRange Operator
highlight default link pkColon Operator
highlight default link pkPunctuation Delimiter

let b:current_syntax = 'pk'
