using System.Text;

namespace Percept.Training;

/// <summary>What ranks tell each other of their items: the number of its use, which orders them, and ids of tokens.</summary>
/// <param name="Draw">The number of this use of the sample.</param>
/// <param name="Ids">The tokens.</param>
/// <param name="Own">Its place among this rank's items; null for an item of another rank.</param>
internal readonly record struct RankItem(ulong Draw, int[] Ids, int? Own)
{
    /// <summary>The items of all ranks, one rank's behind the other's.</summary>
    /// <param name="ranks">The ranks; each calls this.</param>
    /// <param name="own">This rank's items.</param>
    internal static RankItem[] Gather(ICommunicator ranks, IEnumerable<(ulong Draw, int[] Ids)> own)
    {
        var message = new MemoryStream();
        using (var writer = new BinaryWriter(message, Encoding.UTF8, leaveOpen: true))
        {
            foreach ((ulong draw, int[] ids) in own)
            {
                writer.Write(draw);
                writer.Write(ids.Length);
                Array.ForEach(ids, writer.Write);
            }
        }

        var items = new List<RankItem>();
        byte[][] said = ranks.AllGather(message.ToArray());
        for (int rank = 0; rank < said.Length; rank++)
        {
            using var reader = new BinaryReader(new MemoryStream(said[rank]));
            for (int place = 0; reader.BaseStream.Position < said[rank].Length; place++)
            {
                ulong draw = reader.ReadUInt64();
                int[] ids = new int[reader.ReadInt32()];
                for (int i = 0; i < ids.Length; i++)
                {
                    ids[i] = reader.ReadInt32();
                }

                items.Add(new RankItem(draw, ids, rank == ranks.Rank ? place : null));
            }
        }

        return [.. items];
    }
}
