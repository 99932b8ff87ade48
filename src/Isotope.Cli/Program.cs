using Isotope.Cli;

ThreadWaiting.Shorten();
return CommandLine.Run(args, Console.Out, Console.Error);
