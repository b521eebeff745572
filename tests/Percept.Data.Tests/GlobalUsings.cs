global using Percept.Tests;
