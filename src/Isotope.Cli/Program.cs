using Isotope.Cli;

PassiveThreads.Enable();
return CommandLine.Run(args, Console.Out, Console.Error);
