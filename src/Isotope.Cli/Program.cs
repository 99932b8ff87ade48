using Isotope.Cli;

ThreadWaiting.Shorten();
MemoryReuse.Enable();
return CommandLine.Run(args, Console.Out, Console.Error);
