@rem Lets the scripts in package.json say "exec", which on other systems hands the process over to the command.
@%*
