namespace Percept.Evaluation;

/// <summary>The kinds of objects of COCO with common other names.</summary>
internal static class CocoObjects
{
    private const string Lines = """
        person, man, woman, boy, girl, child, kid, baby, adult, lady, guy, gentleman, player, rider, driver, worker, skier, surfer, skater, chef
        bicycle, bike
        car, automobile, sedan, suv, taxi, cab
        motorcycle, motorbike, motor bike, motor cycle, scooter
        airplane, plane, aircraft, jet, air plane
        bus, minibus
        train, locomotive, tram
        truck, lorry, pickup, van
        boat, ship, sailboat, canoe, kayak, ferry
        traffic light, stop light, traffic signal, street light
        fire hydrant, hydrant
        stop sign
        parking meter
        bench
        bird, pigeon, seagull, duck, goose, parrot, owl, swan
        cat, kitten
        dog, puppy
        horse, pony, foal
        sheep, lamb
        cow, cattle, calf, bull, ox
        elephant
        bear
        zebra
        giraffe
        backpack, rucksack
        umbrella, parasol
        handbag, purse
        tie
        suitcase, suit case, luggage
        frisbee
        skis, ski
        snowboard
        sports ball, ball, football, baseball, basketball
        kite
        baseball bat
        baseball glove
        skateboard
        surfboard
        tennis racket, racket, racquet
        bottle
        wine glass, wineglass
        cup, mug
        fork
        knife
        spoon
        bowl
        banana
        apple
        sandwich, burger, hamburger
        orange
        broccoli
        carrot
        hot dog, hotdog
        pizza
        donut, doughnut
        cake, cupcake
        chair, stool, seat
        couch, sofa
        potted plant, houseplant
        bed
        dining table, table, desk
        toilet
        tv, television
        laptop, laptop computer, notebook
        mouse
        remote
        keyboard
        cell phone, mobile phone, phone, cellphone, smartphone
        microwave
        oven, stove, stove top oven
        toaster
        sink
        refrigerator, fridge
        book
        clock
        vase
        scissors
        teddy bear, teddy
        hair drier, hairdryer
        toothbrush
        """;

    /// <summary>Each kind, its name first.</summary>
    internal static IReadOnlyList<string[]> Names { get; } = [.. Lines.Split('\n').Select(line => line.TrimEnd('\r').Split(", "))];
}
