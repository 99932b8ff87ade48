using Isotope.Cli;
using Isotope.Numerics;

LibtorchEnvironment.Prepare();
MemoryReuse.Enable();
return CommandLine.Run(args, Console.Out, Console.Error);
