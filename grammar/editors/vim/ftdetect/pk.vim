" Vim itself takes .pk for GNU poke, and setfiletype would leave it at that.
autocmd BufRead,BufNewFile *.pk set filetype=pk
